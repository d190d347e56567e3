package config

import (
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// The parts of a configuration that a program may need, by their keys.
const (
	PartCanvas      = "CANVAS"
	PartMIVideo     = "MIVIDEO"
	PartUDW         = "UDW"
	PartInventoryDB = "INVENTORY_DB"
)

// Require returns an error of class fault.Config that lists what the parts lack, nil if they are
// complete. A program calls it for the parts that it uses.
func (c *Config) Require(parts ...string) error {
	missing, files := c.lacks(parts), c.unreadableFiles(parts)
	var remedies []string
	if len(missing) > 0 {
		remedies = append(remedies, "fill in "+strings.Join(partsIn(missing), " and ")+"; config/env_blank.hjson explains every key")
	}
	if len(files) > 0 {
		remedies = append(remedies, "put the named file there, readable for this user, or correct its name")
	}
	if len(remedies) == 0 {
		return nil
	}
	return fault.New(fault.Config, strings.Join(remedies, "; "), &Mistakes{File: c.Path, List: append(missing, files...)})
}

// lacks returns what is missing in the parts.
func (c *Config) lacks(parts []string) []Mistake {
	var list []Mistake
	need := func(part, key string, given bool) {
		if !given {
			path := part + "." + key
			list = append(list, Mistake{Path: path, Text: lacking(theSchema().root, path), Origin: c.Origin(path)})
		}
	}
	for _, part := range unique(parts) {
		switch part {
		case PartCanvas:
			need(part, "CANVAS_TERM_IDS", len(c.Canvas.TermIDs) > 0)
			need(part, "CANVAS_URL", c.Canvas.URL != "")
			need(part, "CANVAS_TOKEN", c.Canvas.Token != "")
			if c.Canvas.UsesGateway() {
				need(part, "API_SCOPE_PREFIX", c.Canvas.APIScopePrefix != "")
				need(part, "API_SUBSCRIPTION_NAME", c.Canvas.APISubscriptionName != "")
				need(part, "API_CLIENT_SECRET", c.Canvas.APIClientSecret != "")
			}
		case PartMIVideo:
			need(part, "udp_service_account_json_filename",
				c.MIVideo.UDPServiceAccountFile != "" || c.MIVideo.UDPEndpoint != "")
			need(part, "kaltura_partner_id", c.MIVideo.KalturaPartnerID != 0)
			need(part, "kaltura_user_secret", c.MIVideo.KalturaUserSecret != "")
		case PartUDW, PartInventoryDB:
			db := c.UDW
			if part == PartInventoryDB {
				db = c.InventoryDB
			}
			need(part, "host", db.Host != "")
			need(part, "dbname", db.Name != "")
			need(part, "user", db.User != "")
		}
	}
	return list
}

// lacking is what to say of a key that is missing: what belongs there and, of a secret, that a file may hold it.
func lacking(root node, path string) string {
	n := root.at(strings.Split(path, "."))
	text := missing
	if about, _ := n["description"].(string); about != "" {
		text += ": " + strings.TrimSuffix(about, ".")
	}
	if n.secret() {
		text += ", or in " + path[strings.LastIndex(path, ".")+1:] + "_FILE the name of a file that holds it"
	}
	return text
}

func partsIn(list []Mistake) []string {
	var parts []string
	for _, m := range list {
		if part, _, _ := strings.Cut(m.Path, "."); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}
