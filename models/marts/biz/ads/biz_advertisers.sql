{{ biz_ads('ADVERTISER', 'Advertiser', above=['ACCOUNT']) }}
