package kaltura

import (
	"strings"
	"time"
)

// Values of an entry's status, moderation status, type and media type.
const (
	StatusError      = "-1"
	StatusImport     = "0"
	StatusPreconvert = "1"
	StatusReady      = "2"
	StatusDeleted    = "3"
	StatusPending    = "4"

	ModerationPending      = "1"
	ModerationRejected     = "3"
	ModerationAutoApproved = "6"

	TypeClip       = "1"
	TypePlaylist   = "5"
	TypeData       = "6"
	TypeLiveStream = "7"

	MediaVideo = "1"
	MediaImage = "2"
	MediaAudio = "5"
	MediaLive  = "201"
)

// Entry is a media entry at one moment.
type Entry struct {
	ID          string // ten characters, 0_ or 1_ first
	Name        string
	Description string // empty: null
	UserID      string
	Status      string // a word for some statuses, a number for most
	Moderation  string
	Type        string
	MediaType   string
	CreatedAt   time.Time // to the second
	UpdatedAt   time.Time
	Duration    int      // seconds; 0 for images and live streams
	Plays       int      //
	Categories  []string // full names, as `categories` shows them
	Hidden      []string // full names of categories with a privacy context: they filter, but are not shown
	Recycled    bool     // displayInSearch says that lists must not show it
}

// inCategory tells whether the entry is in a category of that full name or below it.
// A name that ends in > means below only.
func (e *Entry) inCategory(name string) bool {
	for _, list := range [][]string{e.Categories, e.Hidden} {
		for _, c := range list {
			if c == name || strings.HasPrefix(c, strings.TrimSuffix(name, ">")+">") {
				return true
			}
		}
	}
	return false
}

// object returns the entry as the API shows it.
func (e *Entry) object(partner int) object {
	return object{
		{"mediaType", number(e.MediaType)},
		{"conversionQuality", nil},
		{"sourceType", "1"},
		{"searchProviderType", nil},
		{"searchProviderId", nil},
		{"creditUserName", nil},
		{"creditUrl", nil},
		{"mediaDate", nil},
		{"dataUrl", nil},
		{"flavorParamsIds", "487041,487051"},
		{"isTrimDisabled", nil},
		{"plays", e.Plays},
		{"views", 2 * e.Plays},
		{"lastPlayedAt", nil},
		{"width", 1280},
		{"height", 720},
		{"duration", e.Duration},
		{"msDuration", e.Duration * 1000},
		{"durationType", nil},
		{"id", e.ID},
		{"name", e.Name},
		{"description", textOrNull(e.Description)},
		{"partnerId", partner},
		{"userId", e.UserID},
		{"creatorId", e.UserID},
		{"tags", nil},
		{"adminTags", nil},
		{"categories", textOrNull(strings.Join(e.Categories, ","))},
		{"categoriesIds", nil},
		{"status", number(e.Status)},
		{"moderationStatus", number(e.Moderation)},
		{"moderationCount", 0},
		{"type", number(e.Type)},
		{"createdAt", e.CreatedAt.Unix()},
		{"updatedAt", e.UpdatedAt.Unix()},
		{"rank", 0},
		{"totalRank", 0},
		{"votes", 0},
		{"groupId", nil},
		{"partnerData", nil},
		{"searchText", textOrNull(strings.TrimSpace("_PAR_ONLY_ " + e.Name))},
		{"licenseType", -1},
		{"version", 0},
		{"accessControlId", 1},
		{"startDate", nil},
		{"endDate", nil},
		{"referenceId", nil},
		{"replacedEntryId", nil},
		{"objectType", "KalturaMediaEntry"},
	}
}
