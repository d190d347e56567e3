package university

import (
	"fmt"
	"strconv"
	"time"
)

// RootAccountID is the id of the root account.
const RootAccountID = 1

// undatedTermID is the id of the term without dates.
const undatedTermID = 12

// Account is one node of the account tree.
type Account struct {
	ID       int64
	ParentID int64 // 0 on the root account
	Name     string
	SISID    string // empty: null; the root account does not even have the key
}

// Term is an enrollment term.
type Term struct {
	ID             int64
	Name           string
	SISID          string     // empty: null
	StartAt, EndAt *time.Time // nil: null
	CreatedAt      time.Time
}

var (
	fields = []string{
		"Statistics", "Statistics", "History", "Mathematics", "Chemistry", "Physics", "English", "Economics", "Nursing",
		"Biology", "Music", "Linguistics", "Law", "Public Health", "Astronomy", "Philosophy", "Germanic Languages",
		"Information", "Dentistry", "Architecture", "Social Work", "Naval Architecture", "Romance Languages", "Kinesiology",
	}
	colleges = []string{"College of Letters", "School of Science", "College of Engineering", "School of Health", "School of Arts"}
	subjects = []string{
		"STATS", "HIST", "MATH", "CHEM", "PHYSICS", "ENGLISH", "ECON", "NURS", "BIOLOGY", "MUSIC", "LING", "LAW", "PUBHLTH",
		"ASTRO", "PHIL", "GERMAN", "SI", "DENT", "ARCH", "SW",
	}
	titles = []string{
		"Introduction", "Methods", "Seminar", "Laboratory", "Foundations", "Advanced Topics", "Field Studies", "Colloquium",
		"Practice and Theory", "Honours Thesis",
	}
)

// makeAccounts builds the tree: about one account per twelve courses. Two departments
// share a name, as departments of different colleges do.
func (u *University) makeAccounts() []Account {
	n := max(5, len(u.courses)/12)
	heads := max(1, n/9)
	all := make([]Account, 0, n)
	all = append(all, Account{ID: RootAccountID, Name: "Campus University"})
	for j := 1; j < n; j++ {
		a := Account{ID: int64(200 + 3*j), ParentID: RootAccountID, SISID: fmt.Sprintf("ACCT-%05d", 1000+j)}
		if j <= heads {
			a.Name = colleges[(j-1)%len(colleges)] + numeral((j-1)/len(colleges))
		} else {
			d := j - heads - 1
			a.Name = "Department of " + fields[d%len(fields)] + numeral(d/len(fields))
			a.ParentID = all[1+d%heads].ID
			if d%10 == 3 {
				a.SISID = ""
			}
		}
		all = append(all, a)
	}
	return all
}

func numeral(n int) string {
	if n == 0 {
		return ""
	}
	return " " + strconv.Itoa(n+1)
}

// Accounts returns all accounts by id; the root comes first.
func (u *University) Accounts() []Account { return u.accounts }

// Account returns the account with that id.
func (u *University) Account(id int64) (Account, bool) {
	for _, a := range u.accounts {
		if a.ID == id {
			return a, true
		}
	}
	return Account{}, false
}

// Terms returns the terms by id: one without dates, the one before the epoch's, the epoch's own, and the next.
func (u *University) Terms() []Term {
	undated := Term{ID: undatedTermID, Name: "Projects (no dates)", CreatedAt: time.Date(2012, 8, 1, 14, 0, 0, 0, time.UTC)}
	all := []Term{undated}
	for shift := -1; shift <= 1; shift++ {
		start := u.epoch.AddDate(0, 4*shift, 0)
		end := start.AddDate(0, 4, -3)
		season := []string{"Winter", "Spring/Summer", "Fall"}[(int(start.Month())-1)/4]
		open, shut := start.AddDate(0, 0, 4).Add(5*time.Hour), end.Add(5*time.Hour)
		id := u.currentTermID() + int64(shift)
		all = append(all, Term{
			ID: id, Name: fmt.Sprintf("%s %d", season, start.Year()), SISID: strconv.FormatInt(2000+10*id, 10),
			StartAt: &open, EndAt: &shut, CreatedAt: start.AddDate(-1, 0, 0).Add(14 * time.Hour),
		})
	}
	return all
}

func (u *University) currentTermID() int64 {
	return int64(100 + 3*(u.epoch.Year()-2010) + (int(u.epoch.Month())-1)/4)
}

// DefaultTermIDs returns the terms that the default configuration asks for:
// the epoch's and the one without dates.
func (u *University) DefaultTermIDs() []int64 { return []int64{u.currentTermID(), undatedTermID} }

// TermOf returns the id of the term of course i.
func (u *University) TermOf(i int) int64 {
	switch u.courses[i].role {
	case UndatedTerm:
		return undatedTermID
	case OtherTerm:
		return u.currentTermID() - 1
	case Plain:
		if i > 0 && u.chance(40, topicTerm, i, 0, 0) {
			return u.currentTermID() + 1 - 2*int64(u.pick(2, topicTerm, i, 1, 0))
		}
	}
	return u.currentTermID()
}

// AccountOf returns the id of the account of course i.
func (u *University) AccountOf(i int) int64 {
	if u.courses[i].role == OnRoot {
		return RootAccountID
	}
	return u.accounts[1+u.pick(len(u.accounts)-1, topicAccount, i, 0, 0)].ID
}
