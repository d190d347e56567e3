package campus

import (
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// Info is what a client needs to know to use a campus. Its secrets are made up and good for nothing else.
type Info struct {
	URL              string            `json:"url"`
	CanvasURL        string            `json:"canvas_url"`
	CanvasToken      string            `json:"canvas_token"`
	ZoomURL          string            `json:"zoom_url"`
	GatewayURL       string            `json:"api_base_url"`
	GatewayPrefix    string            `json:"api_scope_prefix"`
	GatewayScope     string            `json:"api_subscription_name"`
	GatewayTokenPath string            `json:"api_token_path"`
	ClientID         string            `json:"api_client_id"`
	ClientSecret     string            `json:"api_client_secret"`
	LesserTokens     map[string]string `json:"lesser_tokens"` // by the right that they lack
	KalturaURL       string            `json:"kaltura_url"`
	KalturaPartner   int64             `json:"kaltura_partner_id"`
	KalturaSecret    string            `json:"kaltura_user_secret"`
	UDPEndpoint      string            `json:"udp_endpoint"`
	UDPTable         string            `json:"udp_table"`
	AccountID        int64             `json:"account_id"`
	TermIDs          []int64           `json:"term_ids"`
	CourseIDs        []int64           `json:"add_course_ids"`
	Date             string            `json:"date"`
	Epoch            string            `json:"epoch"`
	Seed             uint64            `json:"seed"`
	Courses          int               `json:"courses"`
	Profile          Profile           `json:"profile"`
}

// Info describes the campus as it is reached under a base URL such as http://127.0.0.1:8080.
func (c *Campus) Info(base string) Info {
	base = strings.TrimSuffix(base, "/")
	i := Info{
		URL: base, CanvasURL: base, CanvasToken: c.tokens[0].value, ZoomURL: c.zoomURL(base),
		GatewayURL: base + gatewayBase, GatewayPrefix: gatewayPrefix, GatewayScope: gatewayScope, GatewayTokenPath: gatewayTokenPath,
		ClientID: c.gateway.clientID, ClientSecret: c.gateway.clientSecret, LesserTokens: map[string]string{},
		KalturaURL: base + kalturaBase, KalturaPartner: kalturaPartner, KalturaSecret: kalturaSecret(c.opts), UDPEndpoint: base, UDPTable: eventTable,
		AccountID: 1, TermIDs: c.model.DefaultTermIDs(), CourseIDs: c.model.DefaultCourseIDs(), Date: c.Date().Format(time.DateOnly), Epoch: c.model.Epoch().Format(time.DateOnly),
		Seed: c.opts.Seed, Courses: c.opts.Courses, Profile: c.opts.Profile,
	}
	for _, t := range c.tokens[2:] {
		i.LesserTokens[t.name] = t.value
	}
	return i
}

// ConfigCanvas is the CANVAS block of an env.hjson that reads this campus: through the
// gateway for terms, accounts and courses, or everything directly.
func (i Info) ConfigCanvas(gateway bool) map[string]any {
	block := map[string]any{
		"CANVAS_ACCOUNT_ID": i.AccountID, "CANVAS_TERM_IDS": i.TermIDs, "ADD_COURSE_IDS": append([]int64{}, i.CourseIDs...),
		"API_BASE_URL": "", "API_SCOPE_PREFIX": "", "API_SUBSCRIPTION_NAME": "", "API_CLIENT_ID": "", "API_CLIENT_SECRET": "",
		"CANVAS_URL": i.CanvasURL, "CANVAS_TOKEN": i.CanvasToken, "ZOOM_URL": i.ZoomURL,
	}
	if gateway {
		block["API_BASE_URL"], block["API_SCOPE_PREFIX"], block["API_SUBSCRIPTION_NAME"] = i.GatewayURL, i.GatewayPrefix, i.GatewayScope
		block["API_CLIENT_ID"], block["API_CLIENT_SECRET"] = i.ClientID, i.ClientSecret
	}
	return block
}

// ConfigMiVideo is the MIVIDEO block of an env.hjson that reads this campus. It needs no key
// of a service account.
func (i Info) ConfigMiVideo() map[string]any {
	return map[string]any{
		"default_last_timestamp": "2020-03-01T00:00:00+00:00", "udp_service_account_json_filename": "", "udp_table": i.UDPTable, "udp_endpoint": i.UDPEndpoint,
		"kaltura_url": i.KalturaURL, "kaltura_partner_id": i.KalturaPartner, "kaltura_user_secret": i.KalturaSecret,
		"kaltura_categories_full_name_in": university.MediaRoot,
	}
}
