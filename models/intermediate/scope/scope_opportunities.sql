-- One row per opportunity, as it was and as it is, whose credit is computed again: those of the scope's groups, and those
-- that are in no group any more or not yet.
{% call scope_of(['opportunity_id']) %}
    select opportunity_id
    from {{ ref('int_opportunities__live') }}
    where {{ in_scope('groups', 'group_id') }}
    union all
    select opportunity_id
    from {{ changed_rows('int_opportunities__live', 'opportunity_id, group_id') }} as changed
{% endcall %}
