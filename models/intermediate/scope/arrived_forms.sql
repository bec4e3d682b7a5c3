-- One row per form submit that arrived since the last build, cookie and session that it has or had.
{{ arrived('stg_web__form_submits', 'int_sessions__assigned_forms',
    {'form_id': 'form_id', 'cookie_id': 'cookie_id', 'session_id': 'session_id'}) }}
