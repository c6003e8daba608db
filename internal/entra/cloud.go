package entra

import "fmt"

// Cloud is where one of Microsoft's clouds answers.
type Cloud struct {
	Login     string // tokens
	Manage    string // Azure Resource Manager
	Logs      string // Log Analytics
	LogsScope string // what a token for it is asked for
	Graph     string
}

// Clouds are the three by the name that a configuration gives them; "" is public.
//
// Source: https://learn.microsoft.com/graph/deployments, https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure,
// https://learn.microsoft.com/azure/china/resources-developer-guide.
func Clouds(name string) (Cloud, error) {
	switch name {
	case "", "public":
		return Cloud{"https://login.microsoftonline.com", "https://management.azure.com", "https://api.loganalytics.azure.com", "https://api.loganalytics.io", "https://graph.microsoft.com"}, nil
	case "government":
		return Cloud{"https://login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://api.loganalytics.us", "https://api.loganalytics.us", "https://graph.microsoft.us"}, nil
	case "china":
		return Cloud{"https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://api.loganalytics.azure.cn", "https://api.loganalytics.azure.cn", "https://microsoftgraph.chinacloudapi.cn"}, nil
	}
	return Cloud{}, fmt.Errorf("cloud: %q is none of public, government, china", name)
}

// At puts one address in place of all hosts: a gateway, or a server to try with. The scopes stay.
func (c Cloud) At(url string) Cloud {
	if url != "" {
		c.Login, c.Manage, c.Logs, c.Graph = url, url, url, url
	}
	return c
}
