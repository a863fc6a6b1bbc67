package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The sizes that a page has to look right at, in CSS pixels.
var widths = []int64{360, 768, 1440}

const height = 900

// Size makes the page as wide as a screen, with a "light" or "dark" scheme of colours.
func (p *Page) Size(width int64, scheme string) {
	p.t.Helper()
	p.do("changing the size", chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
}

// Screens looks at the page at 360, 768 and 1440 px, light and dark: nothing may reach beyond the screen, every field and button needs a
// name, every text enough contrast.
func (p *Page) Screens(name string) {
	p.t.Helper()
	for _, width := range widths {
		for _, scheme := range []string{"light", "dark"} {
			p.Look(name, width, scheme)
		}
	}
	p.Size(1440, "light")
	p.check()
}

// Look is Screens for one size.
func (p *Page) Look(name string, width int64, scheme string) {
	p.t.Helper()
	p.Size(width, scheme)
	var wrong []string
	if err := json.Unmarshal(p.ask("looking at the layout", "layout"), &wrong); err != nil {
		p.fatal("layout: %v", err)
	}
	for _, w := range wrong {
		p.t.Errorf("%s at %d px, %s: %s", name, width, scheme, w)
	}
	if *shots != "" {
		p.picture(filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", strings.NewReplacer("/", "_", "?", "_").Replace(name), width, scheme)))
	}
}

// Shot writes a picture that the documents show, docs/screens/name.png, when -update is given: of the page as wide as a screen.
func (p *Page) Shot(name string) {
	p.t.Helper()
	if *update {
		p.picture(filepath.Join("../../../docs/screens", name+".png"))
	}
}

func (p *Page) picture(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		p.t.Errorf("picture: %v", err)
	}
}
