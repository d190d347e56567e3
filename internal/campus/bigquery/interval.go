package bigquery

import (
	"strings"
	"time"
)

var units = map[string]time.Duration{
	"MICROSECOND": time.Microsecond, "MILLISECOND": time.Millisecond, "SECOND": time.Second,
	"MINUTE": time.Minute, "HOUR": time.Hour, "DAY": 24 * time.Hour,
}

func (p *parser) unit() time.Duration {
	d, ok := units[strings.ToUpper(p.identifier())]
	if !ok {
		p.at--
		p.unexpected("a unit from MICROSECOND to DAY")
	}
	return d
}

// shift reads TIMESTAMP_ADD and the like: (time, INTERVAL n unit).
func (p *parser) shift(name string) expr {
	k := kTimestamp
	if strings.HasPrefix(name, "DATE") {
		k = kDate
	}
	e := p.demand(p.expression(), k)
	p.expect(",")
	p.expect("INTERVAL")
	n := p.demand(p.sum(), kInt)
	d := p.unit()
	p.expect(")")
	if strings.HasSuffix(name, "SUB") {
		d = -d
	}
	return p.strict(k, func(v []any) any { return v[0].(time.Time).Add(time.Duration(v[1].(int64)) * d) }, e, n)
}

func (p *parser) trunc() expr {
	e := p.demand(p.expression(), kTimestamp)
	p.expect(",")
	d := p.unit()
	p.expect(")")
	out := p.strict(kTimestamp, func(v []any) any { return v[0].(time.Time).Truncate(d) }, e)
	out.partition = e.partition
	return out
}
