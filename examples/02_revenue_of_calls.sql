-- Which channels bring revenue through phone calls? By channel and subchannel, in four models.
SELECT
    channel_path,
    calls,
    people,
    won_opportunities,
    first_touch_revenue,
    w_shaped_revenue,
    full_path_revenue,
    custom_revenue
FROM rpt_calls_by_channel
WHERE calls > 0
ORDER BY full_path_revenue DESC, channel_path;
