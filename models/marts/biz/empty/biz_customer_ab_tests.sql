{{ empty_biz_view() }}
