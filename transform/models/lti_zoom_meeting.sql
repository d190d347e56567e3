-- The past Zoom meetings of every placement whose tab is called ZOOM, as Zoom tells them.
WITH told AS (
  SELECT course_id, tool_id, meeting_id, host_id, status, start_time_text, timezone, fetched_at,
         CASE WHEN timezone = 'UTC' THEN TO_INSTANT(start_time_text) END AS start_time
  FROM raw_zoom.meeting
),
latest AS (
  SELECT course_id, tool_id, meeting_id, host_id, status, start_time_text, timezone, start_time,
         ROW_NUMBER() OVER (PARTITION BY course_id, tool_id, meeting_id, start_time_text ORDER BY fetched_at DESC, host_id, status) AS place
  FROM told
)
SELECT ROW_NUMBER() OVER (
         ORDER BY CASE WHEN placement.id IS NULL OR latest.start_time IS NULL THEN 1 ELSE 0 END,
                  placement.id, latest.start_time, latest.meeting_id, latest.start_time_text, latest.course_id, latest.tool_id
       ) AS id,
       placement.id AS lti_placement_id,
       latest.meeting_id,
       latest.host_id,
       latest.start_time,
       latest.status,
       CASE
         WHEN placement.id IS NULL THEN CONCAT('no placement of tool ', CAST(latest.tool_id AS VARCHAR), ' in course ', CAST(latest.course_id AS VARCHAR))
         WHEN latest.start_time IS NULL THEN CONCAT('the start is no UTC time: ', latest.start_time_text)
       END AS rejected_because
FROM latest
LEFT JOIN curated.lti_placement AS placement ON placement.course_id = latest.course_id AND placement.placement_type_id = latest.tool_id
WHERE latest.place = 1
