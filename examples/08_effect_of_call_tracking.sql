-- How does call tracking change won revenue by channel? Full path model, with and without calls.
SELECT
    channel,
    sum(revenue_without) AS without_calls,
    sum(revenue_with) AS with_calls,
    sum(revenue_difference) AS difference,
    sum(opportunities_moved) AS opportunities_moved
FROM rpt_call_integration_impact_by_channel
WHERE model = 'full_path'
GROUP BY channel
ORDER BY difference DESC, channel;
