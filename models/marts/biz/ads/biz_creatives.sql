{{ biz_ads('CREATIVE', 'Creative', above=['ACCOUNT', 'ADVERTISER', 'CAMPAIGN', 'AD_GROUP']) }}
