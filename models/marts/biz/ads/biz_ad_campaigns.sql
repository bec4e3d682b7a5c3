{{ biz_ads('CAMPAIGN', 'Campaign', above=['ACCOUNT', 'ADVERTISER']) }}
