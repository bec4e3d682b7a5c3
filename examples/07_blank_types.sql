-- Which calls show as a Web Visit because their Type is blank, and what would change if the Type were inferred?
SELECT
    policy,
    is_in_force,
    calls,
    phone_calls,
    calls - phone_calls AS shown_as_web_visit,
    won_revenue
FROM rpt_blank_type_policy
ORDER BY policy;
