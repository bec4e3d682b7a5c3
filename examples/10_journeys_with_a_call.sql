-- Which touches lead from the first touch to a won deal with a call?
SELECT
    opportunities.NAME AS opportunity,
    touches.touchpoint_date,
    touches.channel_path,
    touches.marketing_touch_type,
    credits.touchpoint_position,
    round(credits.full_path_percentage, 2) AS full_path_percentage,
    credits.full_path_revenue
FROM fct_attribution_touchpoints AS credits
INNER JOIN fct_touchpoints AS touches ON credits.touchpoint_id = touches.touchpoint_id
INNER JOIN biz_opportunities AS opportunities ON credits.opportunity_id = opportunities.ID
WHERE credits.is_won
    AND credits.opportunity_id IN (
        SELECT won.opportunity_id
        FROM fct_attribution_touchpoints AS won
        INNER JOIN fct_touchpoints AS calls ON won.touchpoint_id = calls.touchpoint_id
        WHERE calls.marketing_touch_type = 'Phone Call'
    )
ORDER BY credits.opportunity_id, touches.touchpoint_date, touches.touchpoint_id
LIMIT 100;
