-- Why is this call not matched to a session? Traces one Task; replace the subquery with your own id in quotes.
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
