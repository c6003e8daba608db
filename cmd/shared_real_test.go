package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-959697dd/soc/internal/real/postgres"
)

// TestStoriesOnARealPostgres runs the stories of testdata/script/shared on a real server, each in a schema of its own.
func TestStoriesOnARealPostgres(t *testing.T) {
	s := postgres.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "")
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "testdata", "script", "shared"),
		Setup: func(env *testscript.Env) error {
			address, err := s.Fresh(t.Context())
			if err != nil {
				return err
			}
			env.Setenv("BOOK", address)
			env.Setenv("LOCKED", strings.Replace(address, "//soc@", "//"+postgres.Locked+"@", 1))
			env.Setenv("SECRET", postgres.Password)
			return setup(env)
		},
		RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: os.Getenv("UPDATE") != "",
	})
}
