package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates assets
var files embed.FS

// assets are the files that pages load: style sheets, scripts, pictures. Their URLs have a hash of what is in them, so that browsers
// keep them for good and yet never see an old one.
type assets struct {
	files map[string]asset // by path: /assets/room/name
}

type asset struct {
	body  []byte
	hash  string
	media string
}

func newAssets(rooms []Room) *assets {
	a := &assets{files: map[string]asset{}}
	for _, r := range rooms {
		for _, name := range glob(r.Files, "assets/*.*") {
			body, err := fs.ReadFile(r.Files, name)
			if err != nil {
				panic(fmt.Sprintf("page: %s of room %s: %v", name, r.Name, err))
			}
			sum := sha256.Sum256(body)
			a.files["/assets/"+r.Name+"/"+path.Base(name)] = asset{body, hex.EncodeToString(sum[:8]), mime.TypeByExtension(path.Ext(name))}
		}
	}
	return a
}

// url gives the URL of an asset, "room/name".
func (a *assets) url(name string) (string, error) {
	f, ok := a.files["/assets/"+name]
	if !ok {
		return "", fmt.Errorf("there is no asset %s", name)
	}
	return "/assets/" + name + "?v=" + f.hash, nil
}

// of lists the URLs of a room's assets with an ending.
func (a *assets) of(room, ending string) (urls []string) {
	for _, name := range sortedKeys(a.files) {
		if strings.HasPrefix(name, "/assets/"+room+"/") && strings.HasSuffix(name, ending) {
			urls = append(urls, name+"?v="+a.files[name].hash)
		}
	}
	return urls
}

// ServeHTTP serves an asset.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.media)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Etag", `"`+f.hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
