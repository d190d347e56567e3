package load_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

// certificate makes one and its key, and writes both into dir. Without an authority it signs itself.
func (a *authority) certificate(t *testing.T, dir, name string, template x509.Certificate) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	made := &authority{cert: &template, key: key, file: filepath.Join(dir, name+".pem")}
	signer := made
	if a != nil {
		signer = a
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, signer.cert, &key.PublicKey, signer.key)
	if err != nil {
		t.Fatal(err)
	}
	if made.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		made.file:                           {Type: "CERTIFICATE", Bytes: der},
		filepath.Join(dir, name+"-key.pem"): {Type: "PRIVATE KEY", Bytes: private},
	} {
		// The server reads it as another user. It is a key of this test alone.
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func TestEncryption(t *testing.T) {
	t.Parallel() // it has servers of its own
	dir, err := os.MkdirTemp("", "load-tls-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	isCA := x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca := (*authority)(nil).certificate(t, dir, "ca", isCA)
	other := (*authority)(nil).certificate(t, dir, "other", isCA)
	ca.certificate(t, dir, "nameless", x509.Certificate{}) // as MySQL makes them for itself
	ca.certificate(t, dir, "named", x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	ca.certificate(t, dir, "elsewhere", x509.Certificate{DNSNames: []string{"db.example.org"}})
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	lk := openLake(t)
	first(2).commit(t, lk, day1)
	for _, tt := range []struct {
		server string
		modes  map[string]string // part of the error for each; "" for none
	}{
		{"nameless", map[string]string{
			ca.file: "", "skip-verify": "", "preferred": "", "false": "",
			other.file: "unknown authority", "true": "INVENTORY_DB.tls", empty: "no certificate", dir + "/none.pem": "none.pem",
		}},
		{"named", map[string]string{ca.file: "", other.file: "unknown authority"}},
		{"elsewhere", map[string]string{ca.file: "127.0.0.1", "skip-verify": ""}},
	} {
		s, err := localdb.StartMySQL(t.Context(), localdb.Options{Fast: true, Extra: []string{
			"--ssl-cert=" + dir + "/" + tt.server + ".pem", "--ssl-key=" + dir + "/" + tt.server + "-key.pem", "--ssl-ca=" + ca.file,
		}})
		if err != nil {
			t.Fatal(err)
		}
		db := openDSN(t, s.DSN(""))
		if _, err := db.Exec("CREATE DATABASE inventory"); err != nil {
			t.Fatal(err)
		}
		for mode, want := range tt.modes {
			t.Run(tt.server+" "+filepath.Base(mode), func(t *testing.T) {
				cfg := config.Database{Host: s.Host(), Port: s.Port(), Name: "inventory", User: s.User(), Password: config.Secret(s.Password()), TLS: mode}
				var log logged
				p := plan(day1)
				p.Log = log.logger()
				_, err := load.Run(t.Context(), lk, cfg, p)
				switch {
				case want != "":
					checkFault(t, err, fault.Config, want, "INVENTORY_DB.tls")
				case err != nil:
					t.Error(err)
				}
				if log.count("not encrypted") > 0 {
					t.Error("it says that the connection is not encrypted")
				}
			})
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
}
