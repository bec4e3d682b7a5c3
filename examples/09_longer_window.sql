-- How many calls would a longer window match?
SELECT
    window_minutes,
    sum(tied_calls) FILTER (anchor = 'session_start') AS matched_from_session_start,
    sum(tied_calls) FILTER (anchor = 'last_activity') AS matched_from_last_activity,
    sum(full_path_revenue) FILTER (anchor = 'session_start') AS full_path_revenue
FROM rpt_call_window_sensitivity
GROUP BY window_minutes
ORDER BY window_minutes;
