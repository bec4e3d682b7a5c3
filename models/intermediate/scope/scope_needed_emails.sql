-- One row per address whose touches this build reads.
{% call scope_of(['email']) %}
    select email from {{ ref('scope_emails') }}
    union all
    select email
    from {{ ref('int_identity__emails') }}
    where {{ in_scope('needed_records', 'record_id') }}
{% endcall %}
