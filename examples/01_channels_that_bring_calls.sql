-- Which channels bring phone calls, and how many of the calls belong to a session?
SELECT
    channel,
    sum(calls) AS calls,
    sum(calls_merged + calls_merged_secondary) AS in_a_session,
    round(100 * sum(calls_merged + calls_merged_secondary) / nullif(sum(calls), 0), 1) AS percent_in_a_session
FROM rpt_calls_by_channel
GROUP BY channel
ORDER BY calls DESC, channel;
