package app

import "testing"

func TestTheDatabaseIsNamedWithoutItsPassword(t *testing.T) {
	for db, want := range map[string]string{
		"kivuko.db": "kivuko.db",
		"postgres://kivuko:secret@db.example/books":                          "postgres://kivuko:xxxxx@db.example/books",
		"postgres://db.example/books?sslmode=disable&user=kivuko":            "postgres://db.example/books?sslmode=disable&user=kivuko",
		"postgresql://db.example/books?password=secret&sslmode=verify-full":  "postgresql://db.example/books?password=xxxxx&sslmode=verify-full",
		"postgres://db.example/books?sslkey=key.pem&sslpassword=secret":      "postgres://db.example/books?sslkey=key.pem&sslpassword=xxxxx",
		"postgres://kivuko:one@db.example/books?password=two&password=three": "postgres://kivuko:xxxxx@db.example/books?password=xxxxx",
	} {
		if got := (&App{config: Options{DB: db}}).Database(); got != want {
			t.Errorf("%s is named %s; want %s", db, got, want)
		}
	}
}
