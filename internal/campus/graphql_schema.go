package campus

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"sync"

	"github.com/graphql-go/graphql"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// courseRef is a course in a query.
type courseRef struct{ index int }

// sectionRef is a section in a query.
type sectionRef struct {
	course int
	university.Section
}

// row is an enrollment in a query.
type row struct {
	university.Enrollment
	course int
	bad    bool // its section cannot be read
}

// theSchema is the part of Canvas' schema that an inventory can want. All campuses share it: it holds no state of
// theirs, and the library's types must not be built into two schemas at once.
var theSchema = sync.OnceValues(buildSchema)

func buildSchema() (graphql.Schema, error) {
	id := &graphql.Field{Type: graphql.NewNonNull(graphql.ID)}
	course := graphql.NewObject(graphql.ObjectConfig{Name: "Course", Fields: graphql.Fields{
		"_id": on(id.Type, func(g *graphqlCall, c courseRef) any { return decimal(g.day.University().ID(c.index)) }),
		"id":  on(id.Type, func(g *graphqlCall, c courseRef) any { return relayID("Course", g.day.University().ID(c.index)) }),
		"name": on(graphql.String, func(g *graphqlCall, c courseRef) any {
			if nick := g.day.Course(c.index).Nickname; nick != "" {
				return nick
			}
			return g.day.Course(c.index).Name
		}),
		"courseCode": on(graphql.String, func(g *graphqlCall, c courseRef) any { return g.day.Course(c.index).Code }),
		"state":      on(graphql.String, func(g *graphqlCall, c courseRef) any { return g.day.State(c.index) }),
		"sisId": on(graphql.String, func(g *graphqlCall, c courseRef) any {
			if sis := g.day.Course(c.index).SISID; sis != "" && !g.rights.NoSIS {
				return sis
			}
			return nil
		}),
		"usersConnectionCount": on(graphql.Int, func(g *graphqlCall, c courseRef) any {
			if g.hidesRoster(c.index) {
				return nil
			}
			return len(distinctUsers(g.day.Enrollments(c.index)))
		}),
	}})
	user := graphql.NewObject(graphql.ObjectConfig{Name: "User", Fields: graphql.Fields{
		"_id":  on(id.Type, func(_ *graphqlCall, u int64) any { return decimal(u) }),
		"id":   on(id.Type, func(_ *graphqlCall, u int64) any { return relayID("User", u) }),
		"name": on(graphql.String, func(*graphqlCall, int64) any { return "Robin Campus" }),
	}})
	section := graphql.NewObject(graphql.ObjectConfig{Name: "Section", Fields: graphql.Fields{
		"_id":  on(id.Type, func(_ *graphqlCall, s sectionRef) any { return decimal(s.ID) }),
		"id":   on(id.Type, func(_ *graphqlCall, s sectionRef) any { return relayID("Section", s.ID) }),
		"name": on(graphql.String, func(_ *graphqlCall, s sectionRef) any { return s.Name }),
		"userCount": on(graphql.Int, func(g *graphqlCall, s sectionRef) any {
			in := slices.DeleteFunc(g.day.Enrollments(s.course), func(e university.Enrollment) bool { return e.Section.ID != s.ID })
			return len(distinctUsers(in))
		}),
	}})
	enrollment := graphql.NewObject(graphql.ObjectConfig{Name: "Enrollment", Fields: graphql.Fields{
		"_id":   on(id.Type, func(_ *graphqlCall, r row) any { return decimal(r.ID) }),
		"id":    on(id.Type, func(_ *graphqlCall, r row) any { return relayID("Enrollment", r.ID) }),
		"state": on(enrollmentStates, func(_ *graphqlCall, r row) any { return r.State }),
		"type":  on(enrollmentTypes, func(_ *graphqlCall, r row) any { return r.Type }),
		"section": on(section, func(_ *graphqlCall, r row) any {
			if r.bad {
				return errors.New("Internal Server Error") //nolint:staticcheck // the words of the server
			}
			if r.Section.ID == 0 {
				return nil
			}
			return sectionRef{r.course, r.Section}
		}),
		"user":   on(user, func(_ *graphqlCall, r row) any { return r.UserID }),
		"course": on(course, func(_ *graphqlCall, r row) any { return courseRef{r.course} }),
	}})
	page := graphql.FieldConfigArgument{"first": {Type: graphql.Int}, "after": {Type: graphql.String}}
	filtered := graphql.FieldConfigArgument{"first": page["first"], "after": page["after"], "filter": {Type: enrollmentFilter}}
	course.AddFieldConfig("enrollmentsConnection", &graphql.Field{
		Type: connectionType[row]("Enrollment", enrollment), Args: filtered, Resolve: resolveEnrollments,
	})
	course.AddFieldConfig("usersConnection", &graphql.Field{
		Type: connectionType[int64]("User", user), Args: page, Resolve: resolveUsers,
	})
	course.AddFieldConfig("sectionsConnection", &graphql.Field{
		Type: connectionType[sectionRef]("Section", section), Args: page, Resolve: resolveSections,
	})
	query := graphql.NewObject(graphql.ObjectConfig{Name: "Query", Fields: graphql.Fields{
		"course": {Type: course, Args: graphql.FieldConfigArgument{"id": {Type: graphql.ID}}, Resolve: resolveCourse},
	}})
	return graphql.NewSchema(graphql.SchemaConfig{Query: query})
}

// on makes a field of a type whose values are T in this program. A resolver returns an
// error by returning it as the value.
func on[T any](kind graphql.Output, resolve func(*graphqlCall, T) any) *graphql.Field {
	return &graphql.Field{Type: kind, Resolve: func(p graphql.ResolveParams) (any, error) {
		v := resolve(callOf(p), p.Source.(T))
		if err, failed := v.(error); failed {
			return nil, err
		}
		return v, nil
	}}
}

// relayID is the global id that GraphQL clients know nodes by.
func relayID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString([]byte(kind + "-" + strconv.FormatInt(id, 10)))
}

func distinctUsers(rows []university.Enrollment) []int64 {
	ids := make([]int64, 0, len(rows))
	for _, e := range rows {
		ids = append(ids, e.UserID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

var (
	enrollmentStates = enum("EnrollmentWorkflowState", university.Invited, university.CreationPending, university.Active,
		university.Gone, university.Rejected, university.Ended, university.Inactive)
	enrollmentTypes = enum("EnrollmentType", university.Student, university.Teacher, university.TA, university.Observer,
		university.Designer, university.StudentView)
	enrollmentFilter = graphql.NewInputObject(graphql.InputObjectConfig{
		Name: "EnrollmentFilterInput",
		Fields: graphql.InputObjectConfigFieldMap{
			"states": {Type: graphql.NewList(graphql.NewNonNull(enrollmentStates))},
			"types":  {Type: graphql.NewList(graphql.NewNonNull(enrollmentTypes))},
		},
	})
)

func enum(name string, values ...string) *graphql.Enum {
	m := graphql.EnumValueConfigMap{}
	for _, v := range values {
		m[v] = &graphql.EnumValueConfig{Value: v}
	}
	enum := graphql.NewEnum(graphql.EnumConfig{Name: name, Values: m})
	// The library fills an enum's maps at their first use, without a lock: that use must come before the requests.
	enum.ParseValue(values[0])
	enum.Serialize(values[0])
	return enum
}
