package load

import "github.com/tl-its-umich-edu/course-inventory/lake"

func id(name string) lake.Column      { return lake.Column{Name: name, Type: lake.BigInt} }
func number(name string) lake.Column  { return lake.Column{Name: name, Type: lake.BigInt} }
func text(name string) lake.Column    { return lake.Column{Name: name, Type: lake.Varchar} }
func instant(name string) lake.Column { return lake.Column{Name: name, Type: lake.Timestamp} }
func day(name string) lake.Column     { return lake.Column{Name: name, Type: lake.DateType} }
func truth(name string) lake.Column   { return lake.Column{Name: name, Type: lake.Boolean} }

func optional(c lake.Column) lake.Column {
	c.Nullable = true
	return c
}
