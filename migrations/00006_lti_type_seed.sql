-- The tools that are reported from the start. A table that has rows already is left as its users want it.

-- +goose Up

INSERT INTO lti_type (canvas_id, des, rpt_group_nm)
SELECT canvas_id, des, rpt_group_nm
FROM (
  SELECT 25194 AS canvas_id, 'Zoom' AS des, 'Zoom' AS rpt_group_nm
  UNION ALL
  SELECT 4352, 'Bluejeans', 'Bluejeans'
) AS seed
WHERE NOT EXISTS (SELECT 1 FROM lti_type AS present);
