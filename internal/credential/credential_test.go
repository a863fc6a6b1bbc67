package credential

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/argon2"
)

const password = "Safaricom999!*!"

// installation is a key, and a Checker that uses it.
type installation struct {
	t           testing.TB
	key         *rsa.PrivateKey
	checker     *Checker
	decryptions atomic.Int64
	ms          atomic.Int64 // what its clock says
}

// keyPair makes ours and somebody else's key, once for all tests.
var keyPair = sync.OnceValue(func() (pair [2]*rsa.PrivateKey) {
	for i := range pair {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		pair[i] = key
	}
	return pair
})

func install(t testing.TB) *installation {
	in := &installation{t: t, key: keyPair()[0]}
	in.checker = New(func(_ context.Context, ciphertext []byte) ([]byte, error) {
		in.decryptions.Add(1)
		return in.decrypt(ciphertext)
	}, in.now)
	return in
}

func (in *installation) now() time.Time { return time.UnixMilli(in.ms.Load()) }

func (in *installation) decrypt(ciphertext []byte) ([]byte, error) {
	return in.key.Decrypt(nil, ciphertext, &rsa.PKCS1v15DecryptOptions{}) //lint:ignore SA1019 the wire's padding
}

// encrypted is a SecurityCredential with any text in it.
func encrypted(t testing.TB, key *rsa.PrivateKey, text string) string {
	t.Helper()
	ciphertext, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte(text)) //lint:ignore SA1019 the wire's padding
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(ciphertext)
}

// cheapHash is a hash that takes microseconds.
func cheapHash(password string) string {
	sum := argon2.IDKey([]byte(password), []byte("somesalt"), 1, 8, 1, 16)
	return "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + base64.RawStdEncoding.EncodeToString(sum)
}

// check wants a verdict without an error, and gives the reason.
func (in *installation) check(credential, hash string, want Verdict) (reason string) {
	in.t.Helper()
	verdict, reason, err := in.checker.Check(context.Background(), credential, hash)
	if verdict != want || err != nil || (reason == "") != (want == Right) {
		in.t.Errorf("the verdict is %v, %q, %v; want %v", verdict, reason, err, want)
	}
	return reason
}

func utf16Of(text string, low, high int) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{}
		pair[low], pair[high] = byte(unit), byte(unit>>8)
		b = append(b, pair[:]...)
	}
	return string(b)
}

func TestAnEncryptedTextIsJudgedAndExplained(t *testing.T) {
	in := install(t)
	for name, x := range map[string]struct {
		text    string
		verdict Verdict
		reason  string
	}{
		"the password":                  {password, Right, ""},
		"another":                       {"Safaricom123!!", Wrong, "holds another password than the operator's."},
		"a beginning of it":             {password[:8], Wrong, "holds another password"},
		"nothing":                       {"", Wrong, "holds an empty password"},
		"a line break after it":         {password + "\n", Wrong, "the password with white space before or after it"},
		"spaces around it":              {"  " + password + " ", Wrong, "the password with white space before or after it"},
		"another with a line break":     {"Safaricom123!!\r\n", Wrong, "another password than the operator's, and it begins or ends with white space"},
		"white space alone":             {" \n", Wrong, "begins or ends with white space"},
		"base64":                        {base64.StdEncoding.EncodeToString([]byte(password)), Wrong, "the base64 of the password"},
		"base64 of another":             {base64.StdEncoding.EncodeToString([]byte("Safaricom123!!")), Wrong, "holds another password"},
		"base64 of no text":             {"AAECAwQF", Wrong, "holds another password"},
		"a timestamp after it":          {password + "20261002101500", Wrong, "the password with a timestamp after it"},
		"a timestamp after another":     {"Safaricom123!!20261002101500", Wrong, "holds another password"},
		"a timestamp alone":             {"20261002101500", Wrong, "holds another password"},
		"UTF-16, little end first":      {utf16Of(password, 0, 1), Wrong, "the password in UTF-16"},
		"UTF-16, big end first":         {utf16Of(password, 1, 0), Wrong, "the password in UTF-16"},
		"what chance decrypts":          {"\x00\x91\xfe\x03junk", Foreign, "another certificate"},
		"more of what chance decrypts":  {"\x9f\x00", Foreign, "another certificate"},
		"another beyond ASCII":          {"nenosiri é", Wrong, "holds another password"},
		"the longest that can be":       {strings.Repeat("x", 245), Wrong, "holds another password"},
		"the password in another shape": {strings.ToLower(password), Wrong, "holds another password"},
	} {
		t.Run(name, func(t *testing.T) {
			credential := encrypted(t, in.key, x.text)
			for range 2 { // as found out, and as remembered
				reason := in.check(credential, cheapHash(password), x.verdict)
				if !strings.Contains(reason, x.reason) {
					t.Errorf("the reason is %q; want %q in it", reason, x.reason)
				}
				if secret := strings.TrimSpace(x.text); strings.Contains(reason, password) || len(secret) > 4 && strings.Contains(reason, secret) {
					t.Errorf("%q tells a password", reason)
				}
			}
		})
	}
}

func TestWhatWasEncryptedForAnotherKeyIsForeign(t *testing.T) {
	in := install(t)
	for name, credential := range map[string]string{
		"another key":        encrypted(t, keyPair()[1], password),
		"not even encrypted": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 256)),
		"above the modulus":  base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 256)),
	} {
		if reason := in.check(credential, cheapHash(password), Foreign); !strings.Contains(reason, "Safaricom") {
			t.Errorf("%s: the reason is %q", name, reason)
		}
	}
}

func TestPastedWhiteSpaceIsOverlooked(t *testing.T) {
	in := install(t)
	credential := encrypted(t, in.key, password)
	for _, pasted := range []string{
		credential + "\n", "  " + credential + "\r\n", credential[:64] + "\r\n" + credential[64:128] + "\n\t " + credential[128:],
		strings.Join(strings.Split(credential, ""), " "),
	} {
		in.check(pasted, cheapHash(password), Right)
	}
	if n := in.decryptions.Load(); n != 1 {
		t.Errorf("%d decryptions of one ciphertext", n)
	}
}

func TestWhatIsNoCiphertextIsWrongAndExplained(t *testing.T) {
	in := install(t)
	good := encrypted(t, in.key, password)
	url := base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 256))
	encode := base64.StdEncoding.EncodeToString
	for name, x := range map[string][2]string{
		"nothing":                 {"", "is empty"},
		"white space":             {" \n", "is empty"},
		"a seed's, cut short":     {"EsJocK7+NjqZPC3I3EO+TbvS+xVb9TymWwaKABoaZr/Z/n0UysSs..", "not base64: it breaks off after 54 characters"},
		"one character too few":   {good[:343], "not base64"},
		"a character of others":   {good[:9] + "." + good[10:], "not base64: see its character 10 of 344"},
		"no padding":              {good[:342], "not base64: it breaks off after 342 characters"},
		"too short":               {encode(make([]byte, 255)), "decodes to 255 bytes instead of 256"},
		"a key of 4096 bits":      {encode(make([]byte, 512)), "decodes to 512 bytes instead of 256"},
		"much too long":           {encode(make([]byte, 5000)), "decodes to 5000 bytes"},
		"URL alphabet":            {url, "alphabet for URLs"},
		"lost plusses":            {good[:100] + " " + good[101:104] + " " + good[105:], "were they +"},
		"four lost plusses":       {good[:96] + "    " + good[100:], "decodes to 253 bytes instead of 256. It has spaces inside"},
		"the password":            {password, "the password as it is"},
		"the password and a line": {password + "\n", "the password as it is"},
		"base64 of the password":  {encode([]byte(password)), "the base64 of the password"},
		"another password":        {"Safaricom123!!", "not base64"},
		"base64 of another":       {encode([]byte("Safaricom123!!")), "decodes to 14 bytes"},
		"not text":                {"\xff\x00", "not base64: see its character 1 of"},
	} {
		t.Run(name, func(t *testing.T) {
			reason := in.check(x[0], cheapHash(password), Wrong)
			if !strings.Contains(reason, x[1]) {
				t.Errorf("the reason is %q; want %q in it", reason, x[1])
			}
			if strings.Contains(reason, password) {
				t.Errorf("%q tells the password", reason)
			}
		})
	}
	if n := in.decryptions.Load(); n != 0 {
		t.Errorf("%d decryptions", n)
	}
}

func TestAnOperatorWithoutAPasswordIsNeverRight(t *testing.T) {
	in := install(t)
	for _, text := range []string{"", password} {
		if reason := in.check(encrypted(t, in.key, text), "", Wrong); !strings.Contains(reason, "no password yet") {
			t.Errorf("the reason is %q", reason)
		}
	}
}

func TestANewPasswordHoldsAtOnce(t *testing.T) {
	in := install(t)
	old, fresh := encrypted(t, in.key, password), encrypted(t, in.key, "Safaricom123!!")
	for range 2 {
		in.check(old, cheapHash(password), Right)
		in.check(fresh, cheapHash(password), Wrong)
		in.check(old, cheapHash("Safaricom123!!"), Wrong)
		in.check(fresh, cheapHash("Safaricom123!!"), Right)
	}
}

func TestAVerdictIsRememberedForTenMinutes(t *testing.T) {
	in := install(t)
	right, wrong, foreign := encrypted(t, in.key, password), encrypted(t, in.key, "another1"), encrypted(t, keyPair()[1], password)
	for _, x := range []struct {
		after       time.Duration
		decryptions int64
	}{{0, 3}, {0, 3}, {10*time.Minute - time.Millisecond, 3}, {10 * time.Minute, 6}, {15 * time.Minute, 6}, {20 * time.Minute, 9}} {
		in.ms.Store(x.after.Milliseconds())
		in.check(right, cheapHash(password), Right)
		in.check(wrong, cheapHash(password), Wrong)
		in.check(foreign, cheapHash(password), Foreign)
		if n := in.decryptions.Load(); n != x.decryptions {
			t.Errorf("after %v there were %d decryptions; want %d", x.after, n, x.decryptions)
		}
	}
}

// Many clients encrypt the password anew for each request.
func TestAPasswordThatIsEncryptedAgainIsNotHashedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when the second check waits for a slot
		in := install(t)
		in.check(encrypted(t, in.key, password), cheapHash(password), Right)
		in.fillSlots()
		in.check(encrypted(t, in.key, password), cheapHash(password), Right)
		if n := in.decryptions.Load(); n != 2 {
			t.Errorf("%d decryptions; want 2", n)
		}
	})
}

// fillSlots leaves no room for another hash.
func (in *installation) fillSlots() {
	for range cap(in.checker.slots) {
		in.checker.slots <- struct{}{}
	}
}

func TestErrorsAreNotRemembered(t *testing.T) {
	in := install(t)
	trouble := errors.New("the database is away")
	credential := encrypted(t, in.key, password)
	healthy := in.checker.decrypt
	in.checker.decrypt = func(context.Context, []byte) ([]byte, error) { return nil, trouble }
	if verdict, _, err := in.checker.Check(t.Context(), credential, cheapHash(password)); verdict != Wrong || !errors.Is(err, trouble) {
		t.Errorf("the verdict is %v, %v", verdict, err)
	}
	in.checker.decrypt = healthy
	in.check(credential, cheapHash(password), Right)
	for _, text := range []string{credential, password} {
		if verdict, _, err := in.checker.Check(t.Context(), text, "md5:1234"); verdict != Wrong || !errors.Is(err, errBadHash) {
			t.Errorf("by a broken hash the verdict is %v, %v", verdict, err)
		}
	}
}

func TestAStormOfChecks(t *testing.T) {
	in := install(t)
	passwords := []string{password, "Safaricom123!!", "another1#"}
	type credential struct {
		text    string
		holds   string
		foreign bool
	}
	var credentials []credential
	for _, p := range passwords {
		credentials = append(credentials, credential{encrypted(t, in.key, p), p, false}, credential{encrypted(t, in.key, p), p, false},
			credential{encrypted(t, keyPair()[1], p), p, true})
	}
	var wait sync.WaitGroup
	for i := range 32 {
		wait.Go(func() {
			for j := range 60 {
				c, p := credentials[(i+j)%len(credentials)], passwords[(i*7+j/3)%len(passwords)]
				want := Wrong
				if c.foreign {
					want = Foreign
				} else if c.holds == p {
					want = Right
				}
				in.check(c.text, cheapHash(p), want)
				if j%20 == i%20 {
					in.ms.Add(time.Minute.Milliseconds()) // so that things are forgotten on the way
				}
			}
		})
	}
	wait.Wait()
	for _, flights := range []int{len(in.checker.credentials.flights), len(in.checker.passwords.flights), len(in.checker.slots)} {
		if flights != 0 {
			t.Errorf("%d are left over", flights)
		}
	}
}

func TestARememberedVerdictAllocatesNothing(t *testing.T) {
	in := install(t)
	credential, hash := encrypted(t, in.key, password), cheapHash(password)
	in.check(credential, hash, Right)
	if n := testing.AllocsPerRun(100, func() { in.check(credential, hash, Right) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	in := install(b)
	hash, err := Hash(password)
	if err != nil {
		b.Fatal(err)
	}
	credential := encrypted(b, in.key, password)
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		in.check(credential, hash, Right)
		for b.Loop() {
			if v, _, _ := in.checker.Check(context.Background(), credential, hash); v != Right {
				b.Fatal(v)
			}
		}
	})
	b.Run("encrypted-anew", func(b *testing.B) {
		b.ReportAllocs()
		fresh := make([]string, 256)
		for i := range fresh {
			fresh[i] = encrypted(b, in.key, password)
		}
		for i := 0; b.Loop(); i++ {
			if i%len(fresh) == 0 {
				in.ms.Add(rememberedFor.Milliseconds() / 2)
				in.check(fresh[0], hash, Right)
			}
			in.check(fresh[i%len(fresh)], hash, Right)
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			in.ms.Add(rememberedFor.Milliseconds())
			in.check(credential, hash, Right)
		}
	})
}
