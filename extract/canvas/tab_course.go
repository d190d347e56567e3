package canvas

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// navigated is a course whose navigation is read.
type navigated struct {
	id, account int64
	name        string
}

// navigated returns the published courses of the configured terms and those that are configured
// by their ids, whatever their term or state, each once, by id. The listing that the table course is made of serves for
// them where this run reads it, or the lake has it of the same date; only what it does not tell is asked for, of Canvas itself.
func (c *client) navigated(ctx context.Context) ([]navigated, error) {
	all, terms, err := c.listed(ctx)
	if err != nil {
		return nil, err
	}
	added := slices.DeleteFunc(slices.Clone(c.canvas.AddCourseIDs), func(course int64) bool {
		return slices.ContainsFunc(all, func(n navigated) bool { return n.id == course })
	})
	lists := make([][]navigated, len(terms)+len(added))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(c.workers)
	for i, term := range terms {
		g.Go(func() (err error) {
			lists[i], err = c.publishedOf(gctx, term)
			return err
		})
	}
	for i, course := range added {
		g.Go(func() (err error) {
			lists[len(terms)+i], err = c.addedCourse(gctx, course)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all = slices.Concat(append(lists, all)...)
	slices.SortStableFunc(all, func(a, b navigated) int { return cmp.Compare(a.id, b.id) })
	return slices.CompactFunc(all, func(a, b navigated) bool { return a.id == b.id }), nil
}

// listed returns the courses to look at that the table course lists, and the configured terms of which it lists nothing.
func (c *client) listed(ctx context.Context) (all []navigated, unlisted []int64, err error) {
	listed := map[int64]bool{}
	take := func(course *Course) {
		listed[course.EnrollmentTermID] = true
		configured := slices.Contains(c.canvas.TermIDs, course.EnrollmentTermID)
		if configured && course.WorkflowState == "available" || slices.Contains(c.canvas.AddCourseIDs, course.ID) {
			all = append(all, navigated{id: course.ID, account: course.AccountID, name: *cmp.Or(course.OriginalName, &course.Name)})
		}
	}
	if extract.Reads(ctx, "course") {
		for course, err := range c.listing.each(ctx, (*listing).all) {
			if err != nil {
				return nil, nil, err
			}
			take(course)
		}
	} else {
		rows, found, err := extract.SameDate[Course](ctx, "course")
		if err != nil {
			return nil, nil, err
		}
		if found {
			tally.Of(ctx).Note("The courses are those that raw/canvas/course of the same date lists.")
			for course, err := range rows {
				if err != nil {
					return nil, nil, err
				}
				take(&course)
			}
		}
	}
	unlisted = slices.DeleteFunc(slices.Clone(c.canvas.TermIDs), func(term int64) bool { return listed[term] })
	return all, unlisted, nil
}

func (c *client) publishedOf(ctx context.Context, term int64) ([]navigated, error) {
	request := rest.Request{
		Path:  restPath + "accounts/" + id(c.canvas.AccountID) + "/courses",
		Query: url.Values{"enrollment_term_id": {id(term)}, "published": {"true"}, "per_page": {"100"}},
	}
	var all []navigated
	for page, err := range rest.Pages(ctx, c.direct, rest.Listing[[]apiCourse]{Request: request, Check: func(page *[]apiCourse) error {
		for i, a := range *page {
			if why := a.ID.Missing("id"); why != "" {
				return rest.Shapef("[%d].%s", i, why)
			}
		}
		return nil
	}, Keys: idents(func(a apiCourse) *ident { return a.ID.Get() })}) {
		if rest.NotFound(err) {
			err = fault.New(fault.Config, "check CANVAS.CANVAS_ACCOUNT_ID and CANVAS.CANVAS_TERM_IDS",
				fmt.Errorf("published courses of term %d in account %d: %w", term, c.canvas.AccountID, err))
		}
		if err != nil {
			return nil, err
		}
		for _, a := range page.Value {
			one, err := c.navigatedOf(ctx, a)
			if err != nil {
				return nil, err
			}
			all = append(all, one...)
		}
	}
	return all, nil
}

func (c *client) addedCourse(ctx context.Context, course int64) ([]navigated, error) {
	a, err := rest.Ask(ctx, c.direct, rest.Request{Path: restPath + "courses/" + id(course)}, (*apiCourse).isThere)
	if rest.NotFound(err) {
		err = fault.New(fault.Config, fmt.Sprintf("take %d out of CANVAS.ADD_COURSE_IDS, or correct it", course),
			fmt.Errorf("course %d of CANVAS.ADD_COURSE_IDS does not exist: %w", course, err))
	}
	if err != nil {
		return nil, err
	}
	return c.navigatedOf(ctx, a.Value)
}

// lacksNavigated returns an error that names what is missing for reading the course's navigation, nil if nothing is.
func (a *apiCourse) lacksNavigated() error {
	return lacking(a.AccountID.Missing("account_id"), a.ownName().Missing("name"))
}

func (a *apiCourse) ownName() lenient.Value[string] {
	if a.OriginalName.Get() != nil {
		return a.OriginalName
	}
	return a.Name
}

// navigated returns the course if nothing is missing; else it is noted as missing from the table tab.
func (c *client) navigatedOf(ctx context.Context, a apiCourse) ([]navigated, error) {
	course := int64(*a.ID.Get())
	if err := a.lacksNavigated(); err != nil {
		return nil, c.missing.add(ctx, "tab", course, err)
	}
	return []navigated{{id: course, account: int64(*a.AccountID.Get()), name: *a.ownName().Get()}}, nil
}
