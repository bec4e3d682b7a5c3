-- One row per page view that arrived since the last build, cookie and named session that it has or had.
{{ arrived('stg_web__page_views', 'int_visits__page_view_keys',
    {'page_view_id': 'page_view_id', 'cookie_id': 'cookie_id', 'session_id': 'session_id'}) }}
