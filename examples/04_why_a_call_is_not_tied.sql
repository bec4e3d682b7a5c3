-- Why is this call not tied to a session? The whole story of one Task; put your own id into the quotes.
SELECT
    section,
    reference,
    happened_at,
    distance_seconds,
    story
FROM explain_call((
    SELECT coalesce(min(crm_task_id), 'none')
    FROM fct_calls
    WHERE verdict = 'separate_outside_window'
));
