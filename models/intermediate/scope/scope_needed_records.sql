-- One row per record whose touches this build reads: those of the scope, and the Contacts of the scope's groups.
{% call scope_of(['record_id']) %}
    select record_id from {{ ref('scope_records') }}
    union all
    select record_id
    from {{ ref('int_opportunities__contacts') }}
    where {{ in_scope('groups', 'group_id') }}
{% endcall %}
