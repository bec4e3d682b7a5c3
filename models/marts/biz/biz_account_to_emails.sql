with addresses as (
    select
        ACCOUNTID as account_id,
        EMAIL as email,
        max(MODIFIED_DATE) as modified_at,
        min(CREATED_DATE) as created_at
    from {{ in_marts(ref('biz_contacts')) }}
    where ACCOUNTID is not null
        and EMAIL is not null
        and not IS_DELETED
    group by ACCOUNTID, EMAIL
)

select
    {{ biz_columns({
        'ID': "account_id || '_' || email",
        'ACCOUNT_ID': 'account_id',
        'EMAIL': 'email',
        'MODIFIED_DATE': 'modified_at',
        'CREATED_DATE': 'created_at',
        'IS_DELETED': 'false',
    }) }}
from addresses
