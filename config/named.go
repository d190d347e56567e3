package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"unicode"
)

// unreadableFiles returns the files named in the parts that this user cannot read.
func (c *Config) unreadableFiles(parts []string) []Mistake {
	var list []Mistake
	look := func(path, file string) {
		if err := readable(file); err != nil {
			if strings.Contains(file, "{") || strings.ContainsFunc(file, unicode.IsControl) { // not a name, but perhaps the key itself
				err = errors.New("want the name of a file")
			}
			list = append(list, Mistake{Path: path, Text: err.Error(), Origin: c.Origin(path)})
		}
	}
	for _, part := range unique(parts) {
		switch {
		case part == PartMIVideo && c.MIVideo.UDPServiceAccountFile != "" && c.MIVideo.UDPEndpoint == "":
			look("MIVIDEO.udp_service_account_json_filename", c.MIVideo.UDPServiceAccountFile)
		case part == PartInventoryDB && c.InventoryDB.TLSFile() != "":
			look("INVENTORY_DB.tls", c.InventoryDB.TLSFile())
		}
	}
	return list
}

// readable opens a file, which no other check proves to be allowed.
func readable(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return &fs.PathError{Op: "read", Path: name, Err: errors.New("it is a directory")}
	}
	return nil
}
