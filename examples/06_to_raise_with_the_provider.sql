-- What should I raise with the call tracking provider, and which ids prove it?
SELECT
    finding,
    explanation,
    crm_task_id,
    provider_call_id,
    coalesce(task_called_at, call_started_at) AS happened_at
FROM rpt_call_provider_reconciliation
UNION ALL
SELECT
    verdict,
    verdict_explanation,
    crm_task_id,
    NULL,
    called_at
FROM fct_calls
WHERE verdict IN ('none_without_bizible_id', 'none_without_time', 'separate_unknown_bizible_id')
ORDER BY finding, happened_at, crm_task_id
LIMIT 100;
