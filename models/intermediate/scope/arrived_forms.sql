-- One row per form submit that arrived since the last build, cookie and session that it has or had.
{% call scope_of(['form_id', 'cookie_id', 'session_id']) %}
    select
        form_id,
        cookie_id,
        session_id
    from {{ ref('stg_web__form_submits') }} as forms
    where {{ is_new('forms') }}
    union all
    select
        before.form_id,
        before.cookie_id,
        before.session_id
    from {{ last_build('int_forms__placed') }} as before
    inner join {{ ref('stg_web__form_submits') }} as forms
        on before.form_id = forms.form_id
        and {{ is_new('forms') }}
{% endcall %}
