package ollama

import (
	"context"
	"strings"

	"github.com/ollama/ollama/api"
)

// Facts are what a server says about itself and the model.
type Facts struct {
	Version   string
	Installed []string // names of the models that it has
	Digest    string   // of the model, hexadecimal; changes with its weights, template and parameters
	Context   int      // tokens that the model can hold, 0 when the server does not say
}

// Facts asks the server. With ErrMissing come the version and the models that it has.
func (c *Client) Facts(ctx context.Context) (Facts, error) {
	var f Facts
	var err error
	if f.Version, err = c.api.Version(ctx); err != nil {
		return f, c.failure(err)
	}
	list, err := c.api.List(ctx)
	if err != nil {
		return f, c.failure(err)
	}
	for _, m := range list.Models {
		f.Installed = append(f.Installed, m.Name)
		if m.Name == c.set.Model || strings.TrimSuffix(m.Name, ":latest") == c.set.Model {
			f.Digest = m.Digest
		}
	}
	shown, err := c.api.Show(ctx, &api.ShowRequest{Model: c.set.Model})
	if err != nil {
		return f, c.failure(err)
	}
	f.Context = held(shown)
	return f, nil
}

// held reads the context of a model, which stands under its architecture's name: llama.context_length.
func held(shown *api.ShowResponse) int {
	arch, _ := shown.ModelInfo["general.architecture"].(string)
	n, ok := shown.ModelInfo[arch+".context_length"].(float64)
	if !ok || n < 1 || n > 1<<40 {
		return 0
	}
	return int(n)
}
