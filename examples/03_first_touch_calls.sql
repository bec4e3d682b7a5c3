-- Which channels bring people whose very first touch is a phone call?
SELECT
    channel,
    sum(touchpoints) AS first_touch_calls,
    sum(first_touch_revenue) AS first_touch_revenue,
    sum(w_shaped_revenue) AS w_shaped_revenue
FROM rpt_revenue_by_channel
WHERE marketing_touch_type = 'Phone Call'
    AND touchpoint_position LIKE '%FT%'
GROUP BY channel
ORDER BY first_touch_calls DESC, channel;
