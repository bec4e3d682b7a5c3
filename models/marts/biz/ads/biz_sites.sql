{{ biz_ads('SITE', 'Site', above=['ACCOUNT', 'ADVERTISER', 'CAMPAIGN']) }}
