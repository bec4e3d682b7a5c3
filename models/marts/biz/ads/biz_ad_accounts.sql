{{ biz_ads('ACCOUNT', 'Account') }}
