-- One row per session that arrived since the last build and cookie that it has or had.
{{ arrived('stg_web__sessions', 'int_visits__source_sessions', {'session_id': 'session_id', 'cookie_id': 'cookie_id'}) }}
