-- Which verdicts do Tasks with call evidence get, month by month?
SELECT
    date_trunc('month', tasks.CREATED_DATE) AS month,
    calls.verdict,
    count(*) AS calls
FROM fct_calls AS calls
LEFT JOIN biz_crm_tasks AS tasks ON calls.crm_task_id = tasks.ID
WHERE calls.verdict <> 'none_not_a_call'
GROUP BY month, calls.verdict
ORDER BY month, calls DESC, calls.verdict;
