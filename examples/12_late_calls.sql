-- On which days did calls reach Salesforce late and change yesterday's numbers?
SELECT
    call_date,
    sum(calls) AS calls,
    max(median_delay_seconds) AS worst_median_delay_seconds,
    max(longest_delay_seconds) AS longest_delay_seconds
FROM rpt_match_quality_daily
WHERE longest_delay_seconds > 600
GROUP BY call_date
ORDER BY longest_delay_seconds DESC, call_date
LIMIT 30;
