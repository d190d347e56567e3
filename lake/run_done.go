package lake

// Done is what a run did to a table and date.
type Done struct {
	Table    string   `json:"table"` // without its source or area
	Date     Date     `json:"dt"`
	Rows     int64    `json:"rows"`
	Seconds  float64  `json:"seconds"`
	Requests int64    `json:"requests,omitempty"` // asked of the source
	Changes  *Changes `json:"changes,omitempty"`  // of a load
	Note     string   `json:"note,omitempty"`
}

// Changes counts the rows that a load changed in a table.
type Changes struct {
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	Deleted  int64 `json:"deleted"`
}

// Total returns how many rows were changed in any way.
func (c Changes) Total() int64 { return c.Inserted + c.Updated + c.Deleted }
