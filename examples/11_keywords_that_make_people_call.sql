-- Which ad campaigns and keywords bring calls, and how soon after the click?
SELECT
    touches.channel_path,
    touches.ad_campaign_name,
    touches.keyword_text,
    count(*) AS calls,
    round(median(calls.seconds_after_session_start) / 60, 1) AS median_minutes_to_the_call
FROM fct_calls AS calls
INNER JOIN fct_touchpoints AS touches ON calls.touchpoint_id = touches.touchpoint_id
WHERE calls.verdict IN ('merged', 'merged_secondary')
GROUP BY ALL
ORDER BY calls DESC, touches.channel_path, touches.ad_campaign_name, touches.keyword_text
LIMIT 50;
