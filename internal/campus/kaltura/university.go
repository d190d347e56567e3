package kaltura

import "github.com/tl-its-umich-edu/course-inventory/internal/campus/university"

// EntriesOn returns the university's media on a day, as [Options.Entries] wants them. It
// works them all out; keep the result for the day.
func EntriesOn(d *university.Day) []Entry {
	media := d.Media()
	all := make([]Entry, len(media))
	for i, m := range media {
		e := Entry{
			ID: m.ID, Name: m.Name, Description: "Uploaded by " + m.Owner, UserID: m.Owner, Status: StatusReady, Moderation: ModerationAutoApproved,
			Type: TypeClip, MediaType: MediaVideo, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Duration: m.Duration, Plays: m.Plays,
			Categories: m.Categories, Hidden: m.Hidden,
		}
		switch m.Kind {
		case university.Audio:
			e.MediaType = MediaAudio
		case university.Image:
			e.MediaType = MediaImage
		case university.LiveStream:
			e.Type, e.MediaType = TypeLiveStream, MediaLive
		case university.DataFile:
			e.Type = TypeData
		}
		switch m.State {
		case university.MediaConverting:
			e.Status = StatusPreconvert
		case university.MediaFailed:
			e.Status = StatusError
		case university.MediaDeleted:
			e.Status = StatusDeleted
		case university.MediaRecycled:
			e.Recycled = true
		case university.MediaUnmoderated:
			e.Moderation = ModerationPending
		case university.MediaRejected:
			e.Moderation = ModerationRejected
		}
		all[i] = e
	}
	return all
}
