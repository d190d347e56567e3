-- The courses that show an external tool in their navigation, for every tool; the load keeps the tools that lti_type lists.
WITH shown AS (
  SELECT course_id, account_id, course_name, SUBSTR(tab_id, 23) AS tool, fetched_at
  FROM raw_canvas.tab
  WHERE SUBSTR(tab_id, 1, 22) = 'context_external_tool_' AND COALESCE(hidden, FALSE) = FALSE
),
latest AS (
  SELECT course_id, account_id, course_name, tool,
         ROW_NUMBER() OVER (PARTITION BY course_id, tool ORDER BY fetched_at DESC, account_id, course_name) AS place
  FROM shown
),
numbered AS (
  SELECT course_id, account_id, course_name, tool,
         CASE WHEN tool <> '' AND TRANSLATE(tool, '0123456789', '') = '' AND CHAR_LENGTH(tool) <= 18 THEN CAST(tool AS BIGINT) END AS tool_id
  FROM latest
  WHERE place = 1
)
SELECT ROW_NUMBER() OVER (ORDER BY CASE WHEN tool_id IS NULL THEN 1 ELSE 0 END, course_id, tool_id, tool) AS id,
       course_id,
       account_id,
       course_name,
       tool_id AS placement_type_id,
       CASE WHEN tool_id IS NULL THEN CONCAT('the id of the tool is no number: ', tool) END AS rejected_because
FROM numbered
