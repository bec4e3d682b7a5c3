{%- set columns = 'opportunity_id, account_id, group_id, created_at, close_date, closes_before, is_closed, is_won, amount_cents, source_amount, currency_code, is_rate_missing' -%}
-- One row per group of Contacts (R7.1) whose opportunities are computed again: a Contact's touches, the group itself or
-- one of its opportunities changed.
{% call scope_of(['group_id']) %}
    select group_id
    from {{ ref('int_opportunities__contacts') }}
    where {{ in_scope('records', 'record_id') }}
    union all
    select group_id
    from {{ changed_rows('int_opportunities__contacts', 'group_id, record_id') }} as changed
    union all
    select group_id
    from {{ changed_rows('int_opportunities__live', columns) }} as changed
    union all
    select opportunities.group_id
    from {{ changed_rows('int_opportunities__stages', 'opportunity_id, position_name, entered_at') }} as changed
    inner join {{ ref('int_opportunities__live') }} as opportunities on changed.opportunity_id = opportunities.opportunity_id
{% endcall %}
