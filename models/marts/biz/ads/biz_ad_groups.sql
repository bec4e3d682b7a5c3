{{ biz_ads('AD_GROUP', 'AdGroup', above=['ACCOUNT', 'CAMPAIGN']) }}
